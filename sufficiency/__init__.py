"""Placement sufficiency forecasting for children's services."""
