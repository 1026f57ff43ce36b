-- last_number counts the customer's orders. Whoever takes an order locks this row first, so the numbers,
-- the orders and their events of one customer all come in one order.
CREATE TABLE "${schema}".customer (
  id          varchar(64) PRIMARY KEY,
  last_number bigint      NOT NULL
);

CREATE TABLE "${schema}".orders (
  id              uuid        PRIMARY KEY,
  customer_id     varchar(64) NOT NULL REFERENCES "${schema}".customer,
  customer_number bigint      NOT NULL,
  sku             varchar(64) NOT NULL,
  quantity        int         NOT NULL CHECK (quantity > 0),
  amount_cents    bigint      NOT NULL CHECK (amount_cents > 0),
  status          varchar(16) NOT NULL CHECK (status IN ('ACCEPTED', 'PENDING', 'PAID', 'CANCELLED')),
  accepted_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  moved_at        timestamptz,
  UNIQUE (customer_id, customer_number)
);
