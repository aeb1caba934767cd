"""Commands that people send by text message: parsing, looking up what they name, and acting on it."""
