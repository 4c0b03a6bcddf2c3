// What happens month by month, and what is it worth?

function lastMonth(months) {
  if (months > LONGEST) throw new CellError("#NUM!");
  return Math.ceil(months);
}

// Every month from 0 to the horizon, with what has come together so far.
function rowsOf(programme) {
  const end = lastMonth(programme.months);
  const together = { cumulative: 0, cumulative_discounted: 0 };
  const rows = [];
  for (let month = 0; month <= end; month++) {
    const row = { ...programme, month };
    for (const name of COLUMN_NAMES) row[name] = COLUMNS[name](row);
    row.cumulative = together.cumulative += row.net_cash_flow;
    row.cumulative_discounted = together.cumulative_discounted += row.discounted;
    rows.push(row);
  }
  return rows;
}

function last(programme) {
  return rowsOf(programme).pop();
}

function npv(programme) {
  return last(programme).cumulative_discounted;
}

function profitabilityIndex(programme) {
  return 1 + divided(npv(programme), programme.training_cost);
}

// What all months invest, each month's part times a factor.
function investedIn(rows, factor = () => 1) {
  return rows.reduce((sum, row) => sum + COSTS.reduce((month, cost) => month + row[cost], 0) * factor(row), 0);
}

function roiOnInvestment(programme) {
  const rows = rowsOf(programme);
  return divided(rows[rows.length - 1].cumulative, investedIn(rows));
}

function roiDiscounted(programme) {
  const rows = rowsOf(programme);
  const monthly = power(1 + programme.discount_rate, 1 / MONTHS_PER_YEAR);
  return divided(rows[rows.length - 1].cumulative_discounted, investedIn(rows, (row) => power(monthly, -row.month)));
}

function roiOnTotalCost(programme) {
  const rows = rowsOf(programme);
  const spent = rows.reduce((sum, row) => sum + row.fine_tuned_spend, 0);
  return divided(rows[rows.length - 1].cumulative, spent + investedIn(rows));
}

function cashFlow(programme) {
  return [SHOWN.map(labelOf), ...rowsOf(programme).map((row) => SHOWN.map((name) => row[name]))];
}

// The months until flows are back at 0 for good, to the cent.
function recovered(programme, flowName) {
  let before = 0;
  let time = 0;
  let gains = false;
  rowsOf(programme).forEach((row, month) => {
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

function payback(programme) {
  return recovered(programme, "net_cash_flow");
}

function discountedPayback(programme) {
  return recovered(programme, "discounted");
}

function flowsOf(programme) {
  return rowsOf(programme).map((row) => row.net_cash_flow);
}

// Every yearly rate at which the flows are worth nothing, in ascending order.
function ratesOf(programme) {
  return positiveRoots(flowsOf(programme)).reverse().map((factor) => factor ** -MONTHS_PER_YEAR - 1);
}

function irr(programme) {
  const found = ratesOf(programme);
  return found.length === 1 ? found[0] : UNDEFINED;
}

function irrAll(programme) {
  const found = ratesOf(programme);
  return found.length ? found.map((rate) => [rate]) : [[UNDEFINED]];
}

function mirr(programme) {
  const months = lastMonth(programme.months);
  const monthly = power(1 + programme.discount_rate, 1 / MONTHS_PER_YEAR);
  let gained = 0;
  let spent = 0;
  flowsOf(programme).forEach((flow, month) => {
    if (flow > 0) gained += flow * power(monthly, months - month);
    if (flow < 0) spent -= flow / power(monthly, month);
  });
  return gained > 0 && spent > 0 ? power(gained / spent, MONTHS_PER_YEAR / months) - 1 : UNDEFINED;
}
