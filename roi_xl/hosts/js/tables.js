// Which option is best, which input matters most, and how far may it move?

function isBlank(cell) {
  return cell === null || cell === "";
}

// A cell of a range as a number of a quantity; a blank is nothing special.
function numberOf(name, cell) {
  if (isBlank(cell)) return QUANTITIES[name].blank;
  if (typeof cell !== "number") throw new CellError("#VALUE!");
  return within(name, cell);
}

// The inputs in a row or a column, in their usual order.
function programOf(range) {
  const cells = range.flat();
  if (cells.length < INPUTS || cells.length > MODEL_INPUTS.length) throw new CellError("#VALUE!");
  return Object.fromEntries(MODEL_INPUTS.map((name, k) => [name, numberOf(name, cells[k] ?? null)]));
}

function oneOf(known, text) {
  const wanted = String(text).trim().toLowerCase();
  const found = known.find((word) => word.toLowerCase() === wanted);
  if (found === undefined) throw new CellError("#NAME?");
  return found;
}

function report(...values) {
  const inputs = Object.fromEntries(values.map((value, k) => [MODEL_INPUTS[k], value]));
  return REPORT.map(([label, name]) => [label, applied(name, inputs)]);
}

function compare(options, ...values) {
  const shared = Object.fromEntries(values.map((value, k) => [COMPARED[k], value]));
  const found = options.filter((row) => !row.every(isBlank)).map((row) => optionOf(row, shared));
  return [COMPARE_HEADINGS, ...found.map((option) => optionRow(option, found))];
}

function optionOf([name, ...cells], shared) {
  if (cells.length < FEWEST_COLUMNS || cells.length > OPTION_COLUMNS.length) throw new CellError("#VALUE!");
  const own = OPTION_COLUMNS.map((column, k) => [column, numberOf(column, cells[k] ?? null)]);
  const nothing = MODEL_INPUTS.map((column) => [column, QUANTITIES[column].blank]);
  const program = { ...Object.fromEntries(nothing), ...shared, ...Object.fromEntries(own) };
  return { name: String(name ?? ""), program, value: npv(program) };
}

function beats(one, other) {
  const quality = [one, other].map((option) => option.program.fine_tuned_success_rate);
  const better = one.value > other.value || quality[0] > quality[1];
  return better && one.value >= other.value && quality[0] >= quality[1];
}

function optionRow(option, options) {
  const rows = rowsOf(option.program);
  const benefit = rows[rows.length - 1].cumulative;
  const invested = investedIn(rows);
  const rank = 1 + options.filter((other) => other.value > option.value).length;
  const better = options.filter((other) => beats(other, option));
  const best = better.length ? better.reduce((top, other) => (other.value > top.value ? other : top)).name : BY_NONE;
  return [option.name, benefit, divided(benefit, invested), payback(option.program), option.value, rank, best];
}

function tornado(inputs, low, high, measure) {
  const now = programOf(inputs);
  const name = MEASURES[oneOf(Object.keys(MEASURES), measure)];
  const [lows, highs] = [low.flat(), high.flat()];
  if (lows.length !== highs.length || lows.length > MODEL_INPUTS.length) throw new CellError("#VALUE!");
  const moved = lows.map((cell, k) => [MODEL_INPUTS[k], cell, highs[k]]).filter(([, ...ends]) => !ends.every(isBlank));
  const rows = moved.map(([input, ...ends]) => swing(now, name, input, ends));
  return [TORNADO_HEADINGS, ...rows.sort((one, other) => (other[3] > one[3]) - (other[3] < one[3]))];
}

function swing(now, name, input, ends) {
  const values = ends.map((cell) => (isBlank(cell) ? now[input] : numberOf(input, cell)));
  const results = values.map((value) => applied(name, { ...now, [input]: value }));
  const distance = results[0] === results[1] ? 0 : Math.abs(results[1] - results[0]);
  return [labelOf(input), ...results, Number.isNaN(distance) ? NEVER : distance];
}

function switchingValues(inputs) {
  const now = programOf(inputs);
  const rows = SWITCHED.map(([name, ...searched]) => [labelOf(name), now[name], switchingValue(now, name, searched)]);
  return [SWITCHING_HEADINGS, ...rows];
}

// The value of one input at which the net present value is 0, all others as they are.
function switchingValue(now, name, searched) {
  const worth = (value) => npv({ ...now, [name]: value });
  if (searched.length) return nearestZero(worth, now[name], ...searched);
  const step = now[name] || 1;
  const slope = (worth(step) - worth(0)) / step;
  const found = slope ? -worth(0) / slope : NEVER;
  const { low, high } = QUANTITIES[name];
  return low <= found && found <= high ? found : NEVER;
}

// The zero nearest to a place, step by step outwards, then by halving.
function nearestZero(worth, here, low, high) {
  const negative = worth(here) < 0;
  const step = (high - low) / STEPS;
  const limited = (value) => Math.max(low, Math.min(high, value));
  for (let away = 1; away <= STEPS; away++) {
    for (const side of [1, -1]) {
      const near = limited(here + side * away * step - side * step);
      const far = limited(here + side * away * step);
      if (near !== far && worth(far) < 0 !== negative) return halved(worth, near, far);
    }
  }
  return NEVER;
}

// The place between two where the sign changes.
function halved(worth, near, far) {
  const below = worth(near) < 0;
  for (let k = 0; k < HALVINGS; k++) {
    const middle = (near + far) / 2;
    if (worth(middle) < 0 === below) near = middle;
    else far = middle;
  }
  return far;
}
