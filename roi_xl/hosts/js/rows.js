
// Arguments and results are rows, even of one cell; what the program says of the call comes after the arguments.
function answer_(name, given) {
  const result = toHost_(roiXl.call(name, Array.from(given, fromHost_)));
  return Array.isArray(result) ? result : [[result]];
}
