// What Excel hands over and takes back: an error is a CustomFunctions.Error, also within rows. Of the errors,
// it takes back five; another is a #VALUE! that says which.

const TAKEN_BACK = {
  "#DIV/0!": "divisionByZero",
  "#NUM!": "invalidNumber",
  "#VALUE!": "invalidValue",
  "#N/A": "notAvailable",
  "#NULL!": "nullReference",
};

// A value, an error, or a number with a format; what Excel says of the call is no value.
function fromHost_(value) {
  if (Array.isArray(value)) return value.map(fromHost_);
  const plain = value !== null && typeof value === "object" ? value.basicValue ?? value.code : value;
  return roiXl.ERRORS.includes(plain) ? new roiXl.CellError(plain) : plain ?? null;
}

function toHost_(value) {
  if (Array.isArray(value)) return value.map(toHost_);
  if (!(value instanceof roiXl.CellError)) return value;
  const known = TAKEN_BACK[value.code];
  if (known) return new CustomFunctions.Error(CustomFunctions.ErrorCode[known]);
  return new CustomFunctions.Error(CustomFunctions.ErrorCode.invalidValue, value.code);
}
