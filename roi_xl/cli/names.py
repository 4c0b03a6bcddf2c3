"""Commands that put our functions into a workbook as names, or free its calls of an add-in."""

from pathlib import Path

import click

from roi_xl.cli.options import in_place_option, model_argument, output_option, saving_options, target_of
from roi_xl.terminal import say


@click.command("add-functions")
@model_argument
@output_option
@in_place_option
@saving_options
def add_functions(model: Path, output: Path | None, in_place: bool, **saving: bool) -> None:
    """Add the ROI_ functions to MODEL as names, for Excel 365 without any add-in.

    Each function becomes a defined name that holds a LAMBDA. Calls that pointed to an add-in
    now use these names, and Excel recalculates everything when it opens the file. A workbook
    with a name or table of its own that clashes is refused. Do not use this with an add-in
    installed: Excel does not document which of the two it would call.
    """
    from roi_xl.formula.lambda_names import NAMED, calculated_when_opened, with_functions
    from roi_xl.formula.stored_calls import with_room
    from roi_xl.formula.unlinking import unlinked
    from roi_xl.xlsx.package import read_package, save_package

    target = target_of(model, output, in_place)
    done = unlinked(with_functions(read_package(model)))
    save_package(calculated_when_opened(with_room(done.package)), target, {}, **saving)
    say(f"wrote {target} with {len(NAMED)} functions{f'; {done.told()}' if done.calls or done.links else ''}")


@click.command()
@model_argument
@output_option
@in_place_option
@saving_options
def unlink(model: Path, output: Path | None, in_place: bool, **saving: bool) -> None:
    """Remove links to an add-in's file from MODEL's calls of ROI_ functions.

    A call that Excel stores as [1]!ROI_PERCENT(...), or with the path of an add-in, becomes
    ROI_PERCENT(...). A link that nothing uses any more leaves the workbook; calls of other
    functions keep theirs.
    """
    from roi_xl.formula.lambda_names import calculated_when_opened
    from roi_xl.formula.unlinking import unlinked
    from roi_xl.xlsx.package import read_package, save_package

    target = target_of(model, output, in_place)
    done = unlinked(read_package(model))
    save_package(calculated_when_opened(done.package) if done.calls else done.package, target, {}, **saving)
    say(f"wrote {target}; {done.told()}")
