"""Where private keys live: behind `Signer.sign(kid, bytes)`, never in the database."""
