CREATE TABLE "${schema}"."${prefix}two" (name text);
-- A semicolon in a string, a question mark, a body in dollars: ; ?
INSERT INTO "${schema}"."${prefix}two" VALUES ('a;b'), ('what?');
CREATE FUNCTION "${schema}"."${prefix}two_names"() RETURNS bigint LANGUAGE sql AS $$ SELECT 1; SELECT 2 $$;
