ALTER TABLE "${schema}"."${prefix}one" OWNER TO ${owner};
