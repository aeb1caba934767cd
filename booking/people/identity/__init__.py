"""How sure it is that an account may act for a person: proofs, better proofs, and who acts for whom."""
