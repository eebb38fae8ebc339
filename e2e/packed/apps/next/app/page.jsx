export default function Page() {
  return <p>scripts</p>
}
