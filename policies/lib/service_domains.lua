-- The domains of service names: one for each partition, as in botocore's endpoints.json
-- (dnsSuffix), and two more that AWS uses. A test compares this list with botocore's.
return {
  ".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".c2s.ic.gov", ".cloud.adc-e.uk",
  ".csp.hci.ic.gov", ".sc2s.sgov.gov",
  ".amazon.com", ".aws.internal",
}
