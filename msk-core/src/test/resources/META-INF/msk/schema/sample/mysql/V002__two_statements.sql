/* A semicolon in a comment; */ CREATE TABLE `${schema}`.`${prefix}two` (name varchar(20));
-- Another one; and in a text, beside a quote and a question mark.
INSERT INTO `${schema}`.`${prefix}two` VALUES ('a;b''s'), ('what?');
ALTER TABLE `${schema}`.`${prefix}two` ADD COLUMN place int DEFAULT 1; CREATE INDEX `${prefix}two_name` ON `${schema}`.`${prefix}two` (name)
