CREATE TABLE "${schema}"."${prefix}one" (id int PRIMARY KEY);
