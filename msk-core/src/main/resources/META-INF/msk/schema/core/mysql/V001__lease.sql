-- Epochs of all leases are drawn from its counter, which outlives the rows: a name that was forgotten and comes back gets a greater one.
CREATE TABLE `${schema}`.`${prefix}lease_epoch` (
  epoch bigint NOT NULL AUTO_INCREMENT,
  PRIMARY KEY (epoch)
) ENGINE = InnoDB;

-- What fences and takeovers lock. Names are UTF-8 in bytes: for the collations of text, a space at the end is nothing.
CREATE TABLE `${schema}`.`${prefix}lease_fence` (
  name varbinary(600) NOT NULL,
  epoch bigint NOT NULL,
  PRIMARY KEY (name)
) ENGINE = InnoDB;

-- Times are UTC.
CREATE TABLE `${schema}`.`${prefix}lease` (
  name varbinary(600) NOT NULL,
  owner varbinary(600),
  epoch bigint NOT NULL,
  acquired_at datetime(6) NOT NULL,
  expires_at datetime(6) NOT NULL,
  PRIMARY KEY (name)
) ENGINE = InnoDB;
