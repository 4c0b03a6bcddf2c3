"""What can an agent ask?"""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, FiniteFloat

from roi_xl.checks import LIMITS, check_number
from roi_xl.errors import RoiError
from roi_xl.mcp import answers
from roi_xl.mcp.folder import Folder
from roi_xl.mcp.wording import in_arguments
from roi_xl.model import open_model
from roi_xl.observed.formats import NAMES
from roi_xl.observed.groupings import GROUPINGS
from roi_xl.quantities import EXAMPLE_CURRENCY, INPUTS, MODEL_INPUTS, ROI_BASIS
from roi_xl.recalc.given import as_day, as_typed
from roi_xl.recalc.report import before_and_after, examined, is_clean
from roi_xl.recalc.wording import doubted_rates, plain
from roi_xl.terminal import finite, month_by_month, placed, recalculation, results_of
from roi_xl.text_numbers import typed

MOST_SHOWN = 50
"""The differences that an answer lists; an agent reads every one."""


def number_typed(value: Any) -> Any:
    """A text such as 10% or 1,000 as its number; what is none is left to be refused."""
    number = typed(value) if isinstance(value, str) else None
    return value if number is None else number


Number = Annotated[FiniteFloat, BeforeValidator(number_typed)]
File = Annotated[str, Field(description="A file in the served folder.")]
Output = Annotated[str | None, Field(description="The file to write; without it nothing is written.")]
Target = Annotated[str, Field(description="The .xlsx file to write.")]
Overwrite = Annotated[bool, Field(description="Replace the output if it exists.")]
IgnoreValidation = Annotated[bool, Field(description="Set values that a cell's data validation rejects.")]
Settings = Annotated[
    dict[str, float | bool | str | None] | None,
    Field(
        description="Values by input name, or by address such as Inputs!C7; a day as 2027-01-31, "
        "a percentage as 10% or 0.1, null clears a cell; never formulas."
    ),
]
Read = Annotated[list[str] | None, Field(description="Outputs, by name or as Sheet!A1; all named ones if left out.")]
Currency = Annotated[str, Field(description="Code or sign shown with every unit.")]
Depth = Annotated[
    Literal["quick", "full"],
    Field(description="Seven sheets; or options, sensitivity, scenarios and risk as well."),
]
Model_ = Annotated[str, Field(description="A model's name, names with commas, or a pattern such as gpt-4o*.")]
Grid = Annotated[
    dict[str, list[Number]] | None,
    Field(description="Values of each input, by name or as Sheet!A1; every combination is a scenario."),
]
Scenarios = Annotated[
    str | None, Field(description="A .csv or .parquet file below the folder: columns are inputs, rows scenarios.")
]
Distributions = Annotated[
    str | None, Field(description='A .toml file below the folder: [inputs] with name = ["PERT", 1, 2, 4].')
]
Results = Annotated[
    str | None, Field(description="Every scenario is written here: .csv, .parquet, .xlsx; nothing without it.")
]
Seed = Annotated[int, Field(ge=0, description="Random seed.")]


def calculate(folder: Folder, *, roi: str = ROI_BASIS.options[0], **given: float) -> answers.Calculated:
    """Answer a business case: does fine-tuning pay back, when, and what does it come to?

    Gives break-even in months, ROI as a fraction (1.5946 is 159.46%), net benefit, and a
    verdict. Inputs that are left out have the values of the reference case. With an option
    that makes months differ, a discount rate, or another ROI, the results of the cash flow
    (decision, net present value, payback) come as well, and decide.
    """
    inputs: dict[str, Any] = {one.name: given.get(one.name, one.default) for one in MODEL_INPUTS}
    for name, value in inputs.items():
        check_number(LIMITS[name], value)
    by_month = month_by_month(inputs, roi)
    six = {quantity.name: inputs[quantity.name] for quantity in INPUTS}
    outputs = {name: plain(value) for name, value in {**results_of(six), **by_month}.items()}
    doubts = list(doubted_rates(inputs))
    return answers.Calculated(inputs=inputs if by_month else six, outputs=outputs, doubts=doubts)


calculate.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        inspect.Parameter("folder", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Folder),
        *(
            inspect.Parameter(
                quantity.name,
                inspect.Parameter.KEYWORD_ONLY,
                default=quantity.default,
                annotation=Annotated[Number, Field(description=quantity.help())],
            )
            for quantity in MODEL_INPUTS
        ),
        inspect.Parameter(
            "roi",
            inspect.Parameter.KEYWORD_ONLY,
            default=ROI_BASIS.options[0],
            annotation=Annotated[Literal[ROI_BASIS.options], Field(description="What the ROI divides by.")],
        ),
    ],
    return_annotation=answers.Calculated,
)
"""The six inputs and the options, from the vocabulary."""


def template(
    folder: Folder,
    output: Target,
    set: Settings = None,  # noqa: A002
    currency: Currency = EXAMPLE_CURRENCY,
    formulas: Annotated[
        Literal["native", "functions", "lambda"],
        Field(
            description="Formulas that work everywhere, ROI_ function calls, or calls with their LAMBDA definitions."
        ),
    ] = "native",
    depth: Depth = "quick",
    baseline: Annotated[str | None, Field(description="Today's model, for a sheet of list prices.")] = None,
    fine_tuned: Annotated[str | None, Field(description="The model to replace it; goes with baseline.")] = None,
    scale: Annotated[
        Literal["units", "thousands", "millions"], Field(description="Of the amounts shown; inputs stay in units.")
    ] = "units",
    protect: Annotated[bool, Field(description="Protect formulas, without a password; inputs stay open.")] = False,
    overwrite: Overwrite = False,
) -> answers.Written:
    """Write the template workbook of a business case, its numbers already in it.

    Its inputs are named cells (ask `show`), so that `recalculate`, `sweep` and `goal_seek` work with it.
    """
    from roi_xl.template.build import build_template

    if (baseline is None) != (fine_tuned is None):
        raise RoiError("baseline and fine_tuned go together")
    models = (baseline, fine_tuned) if baseline and fine_tuned else None
    target = folder.target(output, overwrite, ".xlsx")
    values, how = input_values(set), {"scale": scale, "protect": protect}
    build_template(target, values, currency=currency, formulas=formulas, depth=depth, models=models, **how)  # type: ignore[arg-type]
    return answers.Written(written=output, doubts=list(doubted_rates(values)))


def show(folder: Folder, file: File) -> answers.Shown:
    """List the named inputs and outputs of a workbook, with their stored values and addresses."""
    model = open_model(folder.file(file))
    return answers.Shown(inputs=placed(model, model.inputs), outputs=placed(model, model.outputs))


def check(folder: Folder, file: File) -> answers.Checked:
    """Say which numbers of a workbook can be trusted. Nothing is written.

    Every formula is evaluated twice, by two independent evaluations, and compared with the
    value that the file stores. Lists what is not reproduced with its likely cause, unknown
    functions, error values, missing values, and external links.
    """
    return answers.Checked(**trust(examined(folder.file(file))))


def recalculate(
    folder: Folder,
    file: File,
    set: Settings = None,  # noqa: A002
    output: Output = None,
    overwrite: Overwrite = False,
    trust_engine: Annotated[bool, Field(description="Use the engine's values where a replay differs.")] = False,
    strict: Annotated[bool, Field(description="Refuse values that only one of two evaluations can compute.")] = False,
    keep_unknown: Annotated[bool, Field(description="Leave cells that call unknown functions as stored.")] = False,
    ignore_validation: IgnoreValidation = False,
) -> answers.Recalculated:
    """Recalculate a workbook with other inputs; only values change in the file that is written.

    First the workbook is replayed as it stands and compared with the values stored in it.
    A change that reaches a cell which is not reproduced is refused, and so is a value on
    which two evaluations do not agree. Without output nothing is written.
    """
    how: dict[str, Any] = {"trust_engine": trust_engine, "strict": strict, "keep_unknown": keep_unknown}
    target = None if output is None else folder.target(output, overwrite, ".xlsx", ".xlsm")
    model = open_model(folder.file(file), ignore_validation=ignore_validation, **how)
    inputs, outputs = before_and_after(model, cell_values(set))
    if target is not None:
        model.save(target)
    told = {**recalculation(model, inputs, outputs, target), "written": output}
    return answers.Recalculated(**trust(told))


def sweep(
    folder: Folder,
    file: File,
    read: Read = None,
    grid: Grid = None,
    scenarios: Scenarios = None,
    distributions: Distributions = None,
    samples: Annotated[int | None, Field(ge=1, description="Number of draws; goes with distributions.")] = None,
    seed: Seed = 1,
    output: Results = None,
    overwrite: Overwrite = False,
    ignore_validation: IgnoreValidation = False,
) -> answers.Swept:
    """Put a workbook through many scenarios at once: a grid, the rows of a file, or draws.

    A sample of the scenarios goes through the engine as well; a difference stops the run.
    Gives percentiles, mean and the share above 0 of each output.
    """
    from roi_xl.sweeps.results import JOINS, Parts, Summary, gather
    from roi_xl.sweeps.run import ERRORS, doubts, job_of, swept
    from roi_xl.template.table import write_table

    joins = {**JOINS, ".xlsx": write_table}
    target = None if output is None else folder.target(output, overwrite, *joins)
    asked = scenarios_of(folder, grid, scenarios, (distributions, samples, seed))
    model = open_model(folder.file(file), ignore_validation=ignore_validation)
    names = list(model.outputs) if read is None else read
    job, summary = job_of(model, asked.names, names), Summary(tuple(names))
    parts = None if target is None else Parts(target, (*asked.names, *names, ERRORS), joins)
    try:
        if parts is not None:
            parts.start(job.key, resume=False)
        gather(swept(job, asked), summary, parts)
    finally:
        if parts is not None:
            parts.release()
    return answers.Swept(**finite(summary.as_data()), doubts=doubts(model, asked), written=output)


def goal_seek(
    folder: Folder,
    file: File,
    goal: Annotated[str, Field(description="The output, by name or as Sheet!A1.")],
    value: Annotated[Number, Field(description="The target value.")],
    by: Annotated[str, Field(description="The input that may change.")],
    low: Annotated[Number | None, Field(description="Lower end of the search; goes with high.")] = None,
    high: Annotated[Number | None, Field(description="Upper end of the search.")] = None,
) -> answers.Sought:
    """Find every value of one input that gives an output of a workbook a wanted value. Nothing is written."""
    from roi_xl.sweeps.goal import goal_seek as look

    if (low is None) != (high is None):
        raise RoiError("low and high go together")
    between = (low, high) if low is not None and high is not None else None
    found = look(open_model(folder.file(file)), goal, value, by, between)
    return answers.Sought(
        solutions=list(found.solutions),
        stretches=list(found.stretches),
        passes=list(found.passes),
        between=[found.low, found.high],
        nearest=found.nearest,
        output_there=found.at_nearest,
    )


def observe(
    folder: Folder,
    files: Annotated[list[str], Field(min_length=1, description="Exports of traces below the folder.")],
    baseline: Model_,
    fine_tuned: Model_,
    output: Annotated[str | None, Field(description="A workbook with a Traces sheet; nothing without it.")] = None,
    overwrite: Overwrite = False,
    format: Annotated[str | None, Field(description=f"The tool that wrote the files: {', '.join(NAMES)}.")] = None,  # noqa: A002
    mapping: Annotated[dict[str, str] | None, Field(description="Columns by field; =TEXT is constant.")] = None,
    set: Settings = None,  # noqa: A002
    currency: Currency = EXAMPLE_CURRENCY,
    time_zone: Annotated[str | None, Field(description="For times without an offset, such as Europe/Berlin.")] = None,
    start: Annotated[str | None, Field(description="Start of the traces, if times are seconds since then.")] = None,
    prices: Annotated[
        dict[str, tuple[Number, Number, Number]] | None,
        Field(description="Of a model, per million tokens: input, cached input, output."),
    ] = None,
    price_file: Annotated[str | None, Field(description="A price file (TOML) below the folder.")] = None,
    sampled: Annotated[Number, Field(description="Share of all traffic that the traces hold.")] = 1,
    success: Annotated[str | None, Field(description="What makes a call a success, such as score>=0.7.")] = None,
    group: Annotated[
        Literal[GROUPINGS],  # type: ignore[valid-type]
        Field(description="What a request is: a trace, an agent's run (its last call decides), or each call."),
    ] = "trace",
    monthly_requests: Annotated[Number | None, Field(description="Requests a month, failed ones included.")] = None,
    reweight: Annotated[bool, Field(description="Compare at the baseline's mix of prompt lengths.")] = False,
    depth: Depth = "quick",
    rejects: Annotated[str | None, Field(description="The rejected rows are written here, as .csv.")] = None,
    strict: Annotated[bool, Field(description="Refuse files with rows that cannot be read.")] = False,
    seed: Seed = 1,
) -> answers.Observed:
    """Take costs and traffic from files of production traces, and answer with them.

    Files are CSV, JSON lines or Parquet, exported by Langfuse, Helicone, LiteLLM,
    OpenTelemetry, OpenAI or OpenRouter, or a plain table. Gives cost per successful request
    of both models with 95% intervals, and the probability of paying back within the horizon.
    """
    from roi_xl.observed.observe import observe as look
    from roi_xl.observed.told import as_data
    from roi_xl.template.build import at_first, build_template
    from roi_xl.template.own import written_probability

    if format is not None and format not in NAMES:
        raise RoiError(f"format must be one of {', '.join(NAMES)}, got {format!r}")
    target = None if output is None else folder.target(output, overwrite, ".xlsx")
    inputs = input_values(set)
    known = {**at_first(depth if output else "quick", inputs), **inputs}
    paths = [folder.file(name) for name in files]
    how: dict[str, Any] = {"format": format, "mapping": mapping, "currency": currency, "time_zone": time_zone}
    how |= {"start": start, "prices": prices, "success": success, "group": group, "monthly_requests": monthly_requests}
    how |= {"sampled": sampled, "reweight": reweight, "strict": strict, "seed": seed}
    how["price_file"] = None if price_file is None else folder.file(price_file)
    how["rejects"] = None if rejects is None else folder.target(rejects, overwrite, ".csv")
    found = look(paths, baseline, fine_tuned, inputs=known, **how)
    simulated = None
    if target is not None:
        build_template(target, inputs, currency=found.currency, depth=depth, observed=found)
        simulated = written_probability(target)
    told = below(folder, as_data(found, simulated))
    told["warnings"] = [in_arguments(text) for text in [*doubted_rates(inputs), *told["warnings"]]]
    return answers.Observed(**told, written=output)


TOOLS: tuple[Callable[..., Any], ...] = (
    calculate,
    template,
    show,
    check,
    recalculate,
    sweep,
    goal_seek,
    observe,
)
READ_ONLY = (calculate, show, check, goal_seek)


def cell_values(settings: Mapping[str, float | bool | str | None] | None) -> dict[str, Any]:
    """Values to set; a text that is a day as that day; never a formula."""
    for name, value in (settings or {}).items():
        if isinstance(value, str) and value.startswith("="):
            raise RoiError(f"{name} takes a value, not a formula, got {value!r}")
    return {name: as_day(value) if isinstance(value, str) else value for name, value in (settings or {}).items()}


def input_values(settings: Mapping[str, float | bool | str | None] | None) -> dict[str, Any]:
    """Inputs of the business case; a text that reads as a number or a day as that."""
    return {name: as_typed(value) if isinstance(value, str) else value for name, value in cell_values(settings).items()}


def trust(found: Mapping[str, Any]) -> dict[str, Any]:
    """Findings with the first differences only, and whether every number can be trusted."""
    different = found["different"]
    trusted = is_clean(found) and found["verified"] == found["formulas"]
    counts = {"differences": len(different), "trusted": trusted}
    return {**found, "different": different[:MOST_SHOWN], **counts}


def below(folder: Folder, data: Any) -> Any:
    """Data whose texts name files as the agent does."""
    if isinstance(data, str):
        return folder.told(data)
    if isinstance(data, Mapping):
        return {name: below(folder, value) for name, value in data.items()}
    return [below(folder, value) for value in data] if isinstance(data, list | tuple) else data


def scenarios_of(
    folder: Folder,
    grid: Mapping[str, list[float]] | None,
    file: str | None,
    draws: tuple[str | None, int | None, int],
) -> Any:
    """The scenarios that were asked for, in one of three ways."""
    import numpy as np

    from roi_xl.sweeps import scenarios

    distributions, samples, seed = draws
    if sum(what is not None for what in (grid, file, samples)) != 1:
        raise RoiError("give grid, or scenarios, or samples with distributions")
    if grid is not None:
        return scenarios.of_grid({name: np.array(values) for name, values in grid.items()})
    if file is not None:
        return scenarios.of_file(folder.file(file))
    if distributions is None or samples is None:
        raise RoiError("samples needs distributions")
    inputs, square = scenarios.read_distributions(folder.file(distributions))
    return scenarios.of_samples(inputs, samples, seed, square)
