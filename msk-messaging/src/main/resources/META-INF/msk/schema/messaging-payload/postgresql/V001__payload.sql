-- Data that is too large to travel with its event. Never updated; deleted when old.
CREATE TABLE "${schema}"."${prefix}payload" (
  id         uuid        PRIMARY KEY,
  data       bytea       NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Large, and often compressed already: out of line, and not tried again.
ALTER TABLE "${schema}"."${prefix}payload" ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE INDEX "${prefix}payload_created_at" ON "${schema}"."${prefix}payload" USING brin (created_at);
