-- What a participant in sagas has done, by the idempotency key of the step. undone: the compensation came, before or after it.
CREATE TABLE "${schema}"."${prefix}saga_guard" (
  idempotency_key varchar(300) PRIMARY KEY,
  undone          boolean      NOT NULL,
  created_at      timestamptz  NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 90);

CREATE INDEX "${prefix}saga_guard_old" ON "${schema}"."${prefix}saga_guard" (created_at);
