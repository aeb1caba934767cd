"""The exchange: holders of appointments who would rather have another one, and the nights that give it to them."""
