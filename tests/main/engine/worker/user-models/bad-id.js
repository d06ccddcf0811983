export default { id: 'Not an id', title: 'Bad' }
