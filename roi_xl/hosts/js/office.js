// What Excel hands over and takes back: an error is a CustomFunctions.Error, also within rows. Of the errors,
// it takes back five; another is a #VALUE! that says which.

const TAKEN_BACK = {
  "#DIV/0!": "divisionByZero",
  "#NUM!": "invalidNumber",
  "#VALUE!": "invalidValue",
  "#N/A": "notAvailable",
  "#NULL!": "nullReference",
};

function fromHost_(value) {
  if (Array.isArray(value)) return value.map(fromHost_);
  if (value === undefined || value === null) return null;
  const code = value.code ?? value.basicValue;
  return roiXl.ERRORS.includes(code) ? new roiXl.CellError(code) : value;
}

function toHost_(value) {
  if (Array.isArray(value)) return value.map(toHost_);
  if (!(value instanceof roiXl.CellError)) return value;
  const known = TAKEN_BACK[value.code];
  if (known) return new CustomFunctions.Error(CustomFunctions.ErrorCode[known]);
  return new CustomFunctions.Error(CustomFunctions.ErrorCode.invalidValue, value.code);
}
