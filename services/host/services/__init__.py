"""Services that every host has: what it exchanged, its trail, its exports, its work as a witness."""
