-- What a consumer has processed. fingerprint and answer are set for requests only.
CREATE TABLE "${schema}"."${prefix}inbox" (
  consumer    varchar(255) NOT NULL,
  source      text         NOT NULL,
  id          text         NOT NULL,
  fingerprint bytea,
  answer      bytea,
  received_at timestamptz  NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (consumer, source, id)
);

CREATE INDEX "${prefix}inbox_received_at" ON "${schema}"."${prefix}inbox" USING brin (received_at);

-- Messages that could not be processed, whole, with the reason.
-- digest: SHA-256 over headers and body; a message that comes again is kept once.
CREATE TABLE "${schema}"."${prefix}dead_letter" (
  seq       bigint       PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  consumer  varchar(255) NOT NULL,
  origin    text         NOT NULL,
  source    text,
  id        text,
  type      text,
  key       text,
  headers   jsonb        NOT NULL,
  body      bytea,
  error     text         NOT NULL,
  attempts  int          NOT NULL,
  digest    bytea        NOT NULL,
  parked_at timestamptz  NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (consumer, origin, digest)
);
