-- API keys, without their secrets. hash: SHA-256 of the whole key. A key has ended from the earlier of expires_at and revoked_at on.
CREATE TABLE "${schema}"."${prefix}api_key" (
  id         varchar(24)   PRIMARY KEY,
  hash       bytea         NOT NULL CHECK (length(hash) = 32),
  owner      varchar(128)  NOT NULL,
  scopes     varchar(4000) NOT NULL,
  created_at timestamptz   NOT NULL,
  expires_at timestamptz   NOT NULL,
  revoked_at timestamptz
);

CREATE INDEX "${prefix}api_key_owner" ON "${schema}"."${prefix}api_key" (owner, created_at);

CREATE INDEX "${prefix}api_key_ended" ON "${schema}"."${prefix}api_key" (LEAST(expires_at, revoked_at));
