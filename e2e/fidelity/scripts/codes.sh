case $1 in
  126) touch not_exec; ./not_exec ;;
  127) no_such_command_anywhere ;;
  signal) kill -TERM $$ ;;
  *) exit "$1" ;;
esac
