-- Epochs of all leases come from one sequence: a name that was forgotten and comes back gets a greater one.
CREATE SEQUENCE "${schema}"."${prefix}lease_epoch" CACHE 1;

-- No index but the key: a renewal updates the row in place.
CREATE TABLE "${schema}"."${prefix}lease" (
  name varchar(200) COLLATE "C" NOT NULL,
  owner varchar(200) COLLATE "C",
  epoch bigint NOT NULL,
  acquired_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (name)
);
