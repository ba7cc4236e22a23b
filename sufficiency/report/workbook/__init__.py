"""The Excel workbook of a publication: a sheet per question, totals as live formulas, a contents sheet first."""

from sufficiency.report.workbook.write import write_workbook

__all__ = ["write_workbook"]
