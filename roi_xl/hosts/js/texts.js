// What the spreadsheet hands over and takes back: an error is its text, a blank is an empty text.

function fromHost_(value) {
  if (Array.isArray(value)) return value.map(fromHost_);
  if (value === undefined || value === "") return null;
  if (value === "#ERROR!") return new roiXl.CellError("#VALUE!");
  return roiXl.ERRORS.includes(value) ? new roiXl.CellError(value) : value;
}

function toHost_(value) {
  if (Array.isArray(value)) return value.map(toHost_);
  return value instanceof roiXl.CellError ? value.code : value;
}
