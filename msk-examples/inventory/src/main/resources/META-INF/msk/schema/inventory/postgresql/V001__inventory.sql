-- Calls move pieces between the three columns; nothing here lets one appear or vanish below zero.
CREATE TABLE "${schema}".stock (
  sku       varchar(64) PRIMARY KEY,
  available bigint      NOT NULL CHECK (available >= 0),
  reserved  bigint      NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  sold      bigint      NOT NULL DEFAULT 0 CHECK (sold >= 0)
);

-- One line for each order, for ever: it is what makes a repeated call harmless. A line RELEASED without a sku is a
-- tombstone: the release came first.
CREATE TABLE "${schema}".reservation (
  order_id   varchar(64)  PRIMARY KEY,
  id         uuid         NOT NULL DEFAULT gen_random_uuid(),
  sku        varchar(64)  REFERENCES "${schema}".stock DEFERRABLE INITIALLY DEFERRED,
  quantity   int          CHECK (quantity > 0),
  state      varchar(16)  NOT NULL CHECK (state IN ('RESERVED', 'RELEASED', 'SOLD')),
  -- The idempotency key of the call that made this state.
  step_key   varchar(200) NOT NULL,
  created_at timestamptz  NOT NULL DEFAULT clock_timestamp(),
  changed_at timestamptz  NOT NULL DEFAULT clock_timestamp(),
  CHECK ((sku IS NULL) = (quantity IS NULL)),
  CHECK (sku IS NOT NULL OR state = 'RELEASED')
);
