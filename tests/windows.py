"""Stand-ins for the Windows modules that xlwings' user-defined functions import.

Only what belongs to Windows is replaced: xlwings' own decorators, its VBA generator and
its conversion of arguments and results run as they are.
"""

import ctypes
import importlib
import sys
import types
from unittest.mock import MagicMock

MODULES = (
    "pythoncom",
    "pywintypes",
    "win32api",
    "win32com",
    "win32com.client",
    "win32com.server",
    "win32com.server.dispatcher",
    "win32com.server.policy",
    "win32com.server.util",
    "win32con",
    "win32event",
    "win32gui",
    "win32process",
    "win32timezone",
    "winerror",
    "winreg",
)


class ComError(Exception):
    """pywintypes.com_error"""


class ComObject:
    """Anything that COM would give."""

    def __init__(self, *args, **kwargs):
        pass


def stand_in(name):
    module = types.ModuleType(name)
    module.__getattr__ = lambda attribute: ComObject  # whatever else is imported from it
    module.__file__ = module.__path__ = []
    return module


def install(monkeypatch):
    """Put the stand-ins in place and load xlwings' Windows side; returns xlwings.udfs."""
    import xlwings

    stand_ins = {name: stand_in(name) for name in MODULES}
    for name, module in stand_ins.items():
        monkeypatch.setitem(sys.modules, name, module)
    stand_ins["pythoncom"].com_error = stand_ins["pywintypes"].com_error = ComError
    stand_ins["pythoncom"].CoInitialize = lambda: None
    stand_ins["win32com"].client = stand_ins["win32com.client"]
    stand_ins["win32com.client"].Dispatch = lambda target, **_: target
    for name in ("oledll", "windll", "PyDLL"):
        monkeypatch.setattr(ctypes, name, MagicMock(), raising=False)
    monkeypatch.setattr(ctypes, "WINFUNCTYPE", ctypes.CFUNCTYPE, raising=False)
    windows = importlib.import_module("xlwings._xlwindows")
    monkeypatch.setattr(xlwings, "_xlwindows", windows, raising=False)
    server = types.ModuleType("xlwings.com_server")
    server.loop = None
    monkeypatch.setitem(sys.modules, "xlwings.com_server", server)
    monkeypatch.setattr(xlwings, "com_server", server, raising=False)
    udfs = importlib.import_module("xlwings.udfs")
    monkeypatch.setattr(windows, "is_range_instance", lambda argument: False)
    monkeypatch.setattr(udfs, "Range", ComObject)
    engine = xlwings.main.Engine(impl=windows.engine)
    xlwings.engines.add(engine)
    xlwings.engines.active = engine
    for short, full in (("func", "xlfunc"), ("arg", "xlarg"), ("ret", "xlret")):
        monkeypatch.setattr(xlwings, short, getattr(udfs, full))
    return udfs
