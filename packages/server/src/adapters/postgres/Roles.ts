/** The two roles under which the stores speak. Groups without a login of their own: sessions of the owner take them on. */
import * as Effect from "effect/Effect"
import type * as PgClient from "@effect/sql-pg/PgClient"

export const appRole = "rgrid_app"
export const gridRole = "rgrid_grid"

/** A session begun with these has the role from its first statement on, at no round trip. */
export const startupOptions = (role: typeof appRole | typeof gridRole): string => `-c role=${role}`

/**
 * Makes the roles where they are missing and lets the current login take them on. Roles belong to the whole cluster,
 * so another database's migration may make them at the same moment: being second is fine.
 */
export const ensureRoles = (sql: PgClient.PgClient) =>
  Effect.forEach([appRole, gridRole], (role) =>
    sql`${sql.literal(`do $$
      begin
        if not exists (select from pg_roles where rolname = '${role}') then
          begin
            create role ${role} nologin noinherit;
          exception when duplicate_object or unique_violation then
            null;
          end;
        end if;
        if not pg_has_role(current_user, '${role}', 'member') then
          execute format('grant ${role} to %I', current_user);
        end if;
      end
    $$`)}`, { discard: true })
