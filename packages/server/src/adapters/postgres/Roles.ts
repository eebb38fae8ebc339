/** The two roles under which the stores speak. Groups without a login: sessions of the owner take them on. */
import * as Effect from "effect/Effect"
import type * as PgClient from "@effect/sql-pg/PgClient"

export const appRole = "rgrid_app"
export const gridRole = "rgrid_grid"

/**
 * A session begun with these has the role from its first statement on, at no round trip. Plans are kept for as long as their
 * session: one made while a table is small must not read all of it when it has grown, so tables are read through indexes.
 */
export const startupOptions = (role: typeof appRole | typeof gridRole): string => `-c role=${role} -c enable_seqscan=off`

/**
 * Makes a role where it is missing and lets the current login take it on. Roles belong to the whole cluster, so another
 * database's migration may make them at the same moment: being second is fine. Since Postgres 16 whoever makes a role
 * is its member without the right to take it on, and being asked for `SET` tells; before 16 membership is that right.
 */
const ensure = (role: string): string => `do $$
  declare
    ours boolean;
  begin
    if not exists (select from pg_roles where rolname = '${role}') then
      begin
        create role ${role} nologin noinherit;
      exception when duplicate_object or unique_violation then
        null;
      end;
    end if;
    if current_setting('server_version_num')::integer >= 160000 then
      ours := pg_has_role(current_user, '${role}', 'SET');
    else
      ours := pg_has_role(current_user, '${role}', 'MEMBER');
    end if;
    if not ours then
      execute format('grant ${role} to %I', current_user);
    end if;
  end
$$`

export const ensureRoles = (sql: PgClient.PgClient) =>
  Effect.forEach([appRole, gridRole], (role) => sql.unsafe(ensure(role)).unprepared, { discard: true })
