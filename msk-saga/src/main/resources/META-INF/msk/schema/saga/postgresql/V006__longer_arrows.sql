-- Arrows with longer names. Changes the catalogue alone.
ALTER TABLE "${schema}"."${prefix}saga_step" ALTER COLUMN transition TYPE varchar(32);
