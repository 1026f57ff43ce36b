-- Epochs of all leases come from one sequence: a name that was forgotten and comes back gets a greater one.
CREATE SEQUENCE "${schema}"."${prefix}lease_epoch" NO CACHE;

-- What fences and takeovers lock.
CREATE TABLE "${schema}"."${prefix}lease_fence" (
  name varchar(200) NOT NULL,
  epoch bigint NOT NULL,
  PRIMARY KEY (name)
);

CREATE TABLE "${schema}"."${prefix}lease" (
  name varchar(200) NOT NULL,
  owner varchar(200),
  epoch bigint NOT NULL,
  acquired_at timestamp(6) with time zone NOT NULL,
  expires_at timestamp(6) with time zone NOT NULL,
  PRIMARY KEY (name)
);
