-- Epochs of all leases come from one sequence: a name that was forgotten and comes back gets a greater one.
CREATE SEQUENCE "${schema}"."${prefix}lease_epoch" CACHE 1;

CREATE TABLE "${schema}"."${prefix}lease" (
  name varchar(200) COLLATE "C" NOT NULL,
  owner varchar(200) COLLATE "C",
  epoch bigint NOT NULL,
  acquired_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (name),
  -- Makes the epoch a key column, so that taking a lease over waits for those who fence with FOR KEY SHARE,
  -- while renewing it does not.
  UNIQUE (name, epoch)
);
