"""What stands in xlwings' "UDF Modules" setting: every ROI_ function, by its name."""

from roi_xl.hosts.excel import UDFS

globals().update(UDFS)
