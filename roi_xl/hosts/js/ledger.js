// What happens month by month, and what is it worth?

function lastMonth(months) {
  if (months > LONGEST) throw new CellError("#NUM!");
  return Math.ceil(months);
}

// Every month from 0 to the horizon, with what has come together so far.
function rowsOf(program) {
  const end = lastMonth(program.months);
  const together = { cumulative: 0, cumulative_discounted: 0 };
  const rows = [];
  for (let month = 0; month <= end; month++) {
    const row = { ...program, month };
    for (const name of COLUMN_NAMES) row[name] = COLUMNS[name](row);
    row.cumulative = together.cumulative += row.net_cash_flow;
    row.cumulative_discounted = together.cumulative_discounted += row.discounted;
    rows.push(row);
  }
  return rows;
}

function last(program) {
  return rowsOf(program).pop();
}

function npv(program) {
  return last(program).cumulative_discounted;
}

function profitabilityIndex(program) {
  return 1 + divided(npv(program), program.training_cost);
}

// What all months invest, each month's part times a factor.
function investedIn(rows, factor = () => 1) {
  return rows.reduce((sum, row) => sum + COSTS.reduce((month, cost) => month + row[cost], 0) * factor(row), 0);
}

function roiOnInvestment(program) {
  const rows = rowsOf(program);
  return divided(rows[rows.length - 1].cumulative, investedIn(rows));
}

function roiDiscounted(program) {
  const rows = rowsOf(program);
  const monthly = power(1 + program.discount_rate, 1 / MONTHS_PER_YEAR);
  return divided(rows[rows.length - 1].cumulative_discounted, investedIn(rows, (row) => power(monthly, -row.month)));
}

function roiOnTotalCost(program) {
  const rows = rowsOf(program);
  const spent = rows.reduce((sum, row) => sum + row.fine_tuned_spend, 0);
  return divided(rows[rows.length - 1].cumulative, spent + investedIn(rows));
}

function cashFlow(program) {
  return [SHOWN.map(labelOf), ...rowsOf(program).map((row) => SHOWN.map((name) => row[name]))];
}

// The months until flows are back at 0 for good, to the cent.
function recovered(program, flowName) {
  let before = 0;
  let time = 0;
  let gains = false;
  rowsOf(program).forEach((row, month) => {
    const flow = row[flowName];
    const now = before + flow;
    const crossed = month - 1 + (flow > 0 ? (-before * row.in_horizon) / flow : 0);
    if (now <= -HALF_A_CENT) time = NEVER;
    else if (before <= -HALF_A_CENT) time = crossed;
    gains = gains || flow > 0;
    before = now;
  });
  return gains ? time : NEVER;
}

function payback(program) {
  return recovered(program, "net_cash_flow");
}

function discountedPayback(program) {
  return recovered(program, "discounted");
}

function flowsOf(program) {
  return rowsOf(program).map((row) => row.net_cash_flow);
}

// Every yearly rate at which the flows are worth nothing, in ascending order.
function ratesOf(program) {
  return positiveRoots(flowsOf(program)).reverse().map((factor) => factor ** -MONTHS_PER_YEAR - 1);
}

function irr(program) {
  const found = ratesOf(program);
  return found.length === 1 ? found[0] : UNDEFINED;
}

function irrAll(program) {
  const found = ratesOf(program);
  return found.length ? found.map((rate) => [rate]) : [[UNDEFINED]];
}

function mirr(program) {
  const months = lastMonth(program.months);
  const monthly = power(1 + program.discount_rate, 1 / MONTHS_PER_YEAR);
  let gained = 0;
  let spent = 0;
  flowsOf(program).forEach((flow, month) => {
    if (flow > 0) gained += flow * power(monthly, months - month);
    if (flow < 0) spent -= flow / power(monthly, month);
  });
  return gained > 0 && spent > 0 ? power(gained / spent, MONTHS_PER_YEAR / months) - 1 : UNDEFINED;
}
