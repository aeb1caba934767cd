"""Accounts: opening one, signing in and its second step, codes to phones, the household that an account acts for."""
