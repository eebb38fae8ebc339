for n in 1 2 3; do (sleep 0.$n; echo "$n" >> done.txt) & done
wait
cat done.txt
( exit 5 ) & wait $!
echo "job ended with $?"
