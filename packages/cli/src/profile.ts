/** `--profile NAME`, which every command knows: whose grid it is about. */
import * as Flag from "effect/cli/Flag"
import * as GlobalFlag from "effect/cli/GlobalFlag"

export const profileFlag = "profile"

export const Profile = GlobalFlag.Setting(profileFlag)({
  flag: Flag.String(profileFlag).pipe(
    Flag.withDescription("Grid to speak to: a profile of ~/.rgrid/credentials, or local for this machine's"),
    Flag.withMetavar("<name>"),
    Flag.optional
  )
})
