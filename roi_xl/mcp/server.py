"""How is an agent answered, whatever it asks?

The protocol is spoken here. Each question is answered in another process, so that a
workbook which takes too long, or brings its process down, costs one answer and not the server.
"""

import asyncio
import functools
import inspect
import multiprocessing
import traceback
from collections.abc import Callable, Collection
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.types import CallToolResult, TextContent, ToolAnnotations
from pydantic import ValidationError

import roi_xl
from roi_xl.errors import NotReproduced, RoiError
from roi_xl.mcp.folder import Folder
from roi_xl.mcp.tools import READ_ONLY, TOOLS
from roi_xl.mcp.wording import in_arguments
from roi_xl.recalc.report import described
from roi_xl.recalc.wording import by_cause
from roi_xl.recalc.workers import leave_interrupts_to_the_parent
from roi_xl.terminal import shortened
from roi_xl.xlsx.limits import get_further, limit

INSTRUCTIONS = (
    "Business cases for fine-tuning a model, and any .xlsx workbook as a function of its inputs. "
    "Names of files are relative to one folder. Start with `show` or `check`; `recalculate` tells which "
    "numbers two evaluations agree on. Nothing is written without `output`."
)


@dataclass(frozen=True)
class Problem:
    """Why there is no answer, in one line."""

    text: str


class Workshop:
    """One process that answers questions, one at a time; another one takes its place if it is lost."""

    def __init__(self) -> None:
        self.turn = anyio.Lock()
        self.pool: ProcessPoolExecutor | None = None

    async def answer(self, question: Callable[[], Any]) -> Any:
        """What a question comes to, or why there is no answer."""
        seconds = limit("ROI_XL_MAX_SECONDS")
        async with self.turn:
            self.pool = self.pool or new_pool()
            try:
                with anyio.fail_after(seconds):
                    return await asyncio.wrap_future(self.pool.submit(answered, question))
            except TimeoutError:
                self.end()
                return Problem(f"it took longer than {seconds:,} seconds (ROI_XL_MAX_SECONDS)")
            except BrokenProcessPool:
                self.end()
                return Problem("the process ended, perhaps for lack of memory (ROI_XL_MAX_MEMORY_MIB)")
            except BaseException:  # whoever asked no longer wants to know
                self.end()
                raise

    def end(self) -> None:
        """End the process, whatever it is doing; files are whole at every moment."""
        for process in multiprocessing.active_children():
            process.kill()
        if self.pool is not None:
            self.pool.shutdown(wait=True, cancel_futures=True)
        self.pool = None


def new_pool() -> ProcessPoolExecutor:
    """A process that ends with this one."""
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=spawn, initializer=leave_interrupts_to_the_parent)


def answered(question: Callable[[], Any]) -> Any:
    """An answer, or the reason why there is none."""
    try:
        return question()
    except NotReproduced as error:
        causes = by_cause([described(difference) for difference in error.differences])
        return Problem("\n".join([str(error), *causes]))
    except RoiError as error:
        return Problem(str(error))
    except MemoryError:
        return Problem("not enough memory for this workbook")
    except BaseException as error:  # a panic of the engine is no Exception
        traceback.print_exception(error)
        return Problem(f"a fault of roi-xl, not of yours ({type(error).__name__}: {error})")


def as_tool(ask: Callable[..., Any], folder: Folder, workshop: Workshop) -> Tool:
    """A function as a tool of the protocol; arguments that it does not have are refused."""
    served = functools.partial(ask, folder)
    parameters = inspect.signature(served).parameters

    async def answer(**given: Any) -> Any:
        found = await workshop.answer(functools.partial(served, **given))
        return refusal(folder.told(found.text), parameters) if isinstance(found, Problem) else found

    answer.__signature__ = inspect.signature(served)  # type: ignore[attr-defined]
    reads = ask in READ_ONLY
    hints = ToolAnnotations(read_only_hint=reads, destructive_hint=not reads, open_world_hint=False)
    tool = Tool.from_function(answer, ask.__name__, description=inspect.getdoc(ask), annotations=hints)
    arguments = tool.fn_metadata.arg_model
    arguments.model_config["extra"] = "forbid"
    arguments.model_rebuild(force=True)
    tool.parameters["additionalProperties"] = False
    return tool


def refusal(text: str, arguments: Collection[str] | None = None) -> CallToolResult:
    """A problem as text, in a tool's own words."""
    lines = [shortened(in_arguments(line, arguments)) for line in text.splitlines()]
    return CallToolResult(content=[TextContent(type="text", text="\n".join(lines))], is_error=True)


class Door(MCPServer[Any]):
    """The server; arguments of another kind than a tool takes are a problem in one line."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """The answer to one call."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            if not isinstance(error.__cause__, ValidationError):
                raise
            return refusal("; ".join(map(misfit, error.__cause__.errors())))


def misfit(error: Any) -> str:
    """Which argument does not fit, and why."""
    name = ".".join(map(str, error["loc"]))
    plain = {"missing": f"{name} is missing", "extra_forbidden": f"this tool has no argument {name}"}
    return plain.get(error["type"], f"{name}: {error['msg']}, got {error['input']!r}")


def server_of(folder: Folder, workshop: Workshop) -> Door:
    """The server of a folder."""
    tools = [as_tool(ask, folder, workshop) for ask in TOOLS]
    about = {"instructions": INSTRUCTIONS, "version": roi_xl.__version__}
    return Door("roi-xl", tools=tools, log_level="WARNING", **about)  # type: ignore[arg-type]


def serve(path: Path) -> None:
    """Serve a folder over stdin and stdout until they are closed."""
    folder, workshop = Folder.at(path), Workshop()
    try:
        anyio.run(speak, server_of(folder, workshop))
    finally:
        workshop.end()


async def speak(server: Door) -> None:
    """Speak the protocol; waiting for questions is no use of time."""
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(stay)
        await server.run_stdio_async()
        tasks.cancel_scope.cancel()


async def stay() -> None:
    """Say again and again that this process gets further: the time of each question is watched for itself."""
    while True:
        get_further()
        await anyio.sleep(limit("ROI_XL_MAX_SECONDS") / 10)
