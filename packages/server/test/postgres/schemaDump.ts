/** The schema as text, from the catalogue: the same for the same schema, whatever way led to it. */
import type * as PgClient from "@effect/sql-pg/PgClient"
import * as Effect from "effect/Effect"

interface Line {
  readonly place: string
  readonly line: string
}

/** Each query gives the lines of one kind; `place` is the table they belong to. */
const queries = [
  `select c.relname as place, format('  column %s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attnotnull then ' not null' else '' end,
      coalesce(case a.attgenerated when 's' then ' generated ' else ' default ' end
        || pg_get_expr(d.adbin, d.adrelid), ''))
      || case when l.collname <> 'default' then ' collate ' || l.collname else '' end as line
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    left join pg_collation l on l.oid = a.attcollation
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
    order by c.relname, a.attnum`,
  `select c.relname as place, format('  constraint %s %s', o.conname, pg_get_constraintdef(o.oid)) as line
    from pg_constraint o join pg_class c on c.oid = o.conrelid
    where c.relnamespace = 'public'::regnamespace and o.contype <> 'n' order by 1, 2`,
  `select tablename::text as place, '  ' || indexdef as line from pg_indexes where schemaname = 'public' order by 1, 2`,
  `select relname as place, '  options ' || array_to_string(reloptions, ', ') as line
    from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and reloptions is not null order by 1`,
  `select relname as place, format('  row security %s, forced %s', relrowsecurity, relforcerowsecurity) as line
    from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
  `select tablename::text as place, format('  policy %s to %s for %s using %s check %s', policyname,
      array_to_string(roles, ', '), cmd, qual, coalesce(with_check, '(same)')) as line
    from pg_policies where schemaname = 'public' order by 1, 2`,
  `select table_name::text as place, format('  grant %s to %s',
      string_agg(privilege_type::text, ', ' order by privilege_type), grantee) as line
    from information_schema.role_table_grants where table_schema = 'public' and grantee like 'rgrid\\_%'
    group by table_name, grantee order by 1, 2`
]

export const schemaDump = Effect.fnUntraced(function*(sql: PgClient.PgClient) {
  const lines = (yield* Effect.forEach(queries, (query) => sql.unsafe<Line>(query))).flat()
  const tables = [...new Set(lines.map(({ place }) => place))].sort()
  const text = tables.map((table) =>
    [`table ${table}`, ...lines.filter(({ place }) => place === table).map(({ line }) => line)].join("\n")
  )
  const head = "-- The schema after all migrations; made by the test that compares it. Not a script."
  return `${[head, ...text].join("\n\n")}\n`
})
