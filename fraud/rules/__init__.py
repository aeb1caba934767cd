"""The rules of analysts: conditions, sets of rules, their faults and changes, and how they would have done before."""
