"""What is issued as a verifiable credential too: SD-JWT VC, a status list, and the check without the network."""
