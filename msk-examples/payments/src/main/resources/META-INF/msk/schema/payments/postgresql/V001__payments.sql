-- Accepted orders in the order in which they arrived: entry grows as they come.
CREATE TABLE "${schema}".ledger (
  entry           bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY (CACHE 1),
  order_id        uuid        NOT NULL,
  customer_id     varchar(64) NOT NULL,
  customer_number bigint      NOT NULL,
  entered_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX ledger_customer ON "${schema}".ledger (customer_id, entry);

-- Bookings: CAPTURED or DECLINED for a charge, REFUNDED for its undoing, VOIDED for the undoing of what was never charged.
-- The inbox alone sees to it that each command is booked once: nothing here would refuse a second charge, so that the demo
-- could find one. A copy of yours may well add UNIQUE (order_id, outcome).
CREATE TABLE "${schema}".charge (
  id           bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  order_id     uuid        NOT NULL,
  customer_id  varchar(64) NOT NULL,
  amount_cents bigint      NOT NULL CHECK (amount_cents >= 0),
  outcome      varchar(16) NOT NULL CHECK (outcome IN ('CAPTURED', 'DECLINED', 'REFUNDED', 'VOIDED')),
  booked_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX charge_order ON "${schema}".charge (order_id);
