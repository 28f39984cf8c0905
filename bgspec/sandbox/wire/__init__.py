"""AWS's protocols, seen from the server: query, ec2, json, rpc-v2-cbor, rest-json and rest-xml, driven by the models."""
