-- The domains in which names of services end: of each partition, as botocore's endpoints.json tells
-- them (dnsSuffix), and two that AWS uses beside them. A test compares this list with botocore's.
return {
  ".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".c2s.ic.gov", ".cloud.adc-e.uk",
  ".csp.hci.ic.gov", ".sc2s.sgov.gov",
  ".amazon.com", ".aws.internal",
}
