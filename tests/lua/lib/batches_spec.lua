local batches = require "lib.batches"

describe("batches", function()
  it("have at most the given size, and keep the order", function()
    assert.same({ { 1, 2 }, { 3, 4 }, { 5 } }, batches.of({ 1, 2, 3, 4, 5 }, 2))
    assert.same({ { 1, 2 } }, batches.of({ 1, 2 }, 2))
    assert.same({ { 1 } }, batches.of({ 1 }, 200))
    assert.same({}, batches.of({}, 2))
  end)
end)
