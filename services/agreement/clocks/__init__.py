"""The calendar, the deadlines that are counted on it, and the steps that follow a missed one."""
