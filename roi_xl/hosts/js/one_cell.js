
// A single cell comes and goes as its value.
function answer_(name, given) {
  return toHost_(roiXl.call(name, Array.from(given, fromHost_)));
}
